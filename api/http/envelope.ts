/** Bodies with one root key, as every resource of Octavia's API has them. */
import { ApiError } from '../../model/errors.ts';
import { object, optional } from '../wire/structures.ts';
import type { Type } from '../wire/type.ts';
import type { BodyType } from './route.ts';

/**
 * `{"<root>": {…}}` as the argument `argument`. Without the root key Octavia answers 500; here it is a 400 that names
 * what is missing.
 */
export function envelope<T>(argument: string, root: string, type: Type<T>): BodyType<T> {
  const outer = object(`${root}_root`, { [root]: optional(type) });
  return {
    argument,
    type: {
      schema: { ...outer.schema, required: [root] },
      parse: (value) => {
        const inner = outer.parse(value)[root];
        if (inner === undefined || inner === null) {
          throw new ApiError(400, `Missing argument: "${argument}.${root}"`);
        }
        return inner;
      },
    },
  };
}
