import { DriverError, type DriverErrorType } from '../../../drivers/errors.ts';
import type { Gate } from './gate.ts';

/**
 * How a call to the outside goes wrong: `refuse` does nothing and fails; `lose` takes effect and fails, as when the reply is
 * lost; `twice` takes effect twice; `slow` waits at a gate before it takes effect.
 */
export type Trouble =
  | { readonly how: 'refuse' | 'lose'; readonly error: DriverErrorType | Error; readonly times?: number }
  | { readonly how: 'twice'; readonly times?: number }
  | { readonly how: 'slow'; readonly gate: Gate; readonly times?: number };

/** What every call is about. */
export const anything = '';

interface Ordered {
  /** `compute.boot`, `amphora.applyListeners`, … */
  readonly call: string;
  /** An id that the call's arguments hold, or what they look like as JSON. */
  readonly about: string | RegExp;
  readonly trouble: Trouble;
  left: number;
}

/** Makes calls of drivers go wrong that a test has picked, and counts the effects of all. */
export class Troubles {
  readonly #ordered: Ordered[] = [];
  #waiting = 0;
  readonly #effects: { readonly call: string; readonly args: string }[] = [];

  /** The next calls with `about` in their arguments go wrong; all of them where the trouble has no `times`. Returns how to end it. */
  order(call: string, about: string | RegExp, trouble: Trouble): () => void {
    const ordered = { call, about, trouble, left: trouble.times ?? Number.POSITIVE_INFINITY };
    this.#ordered.push(ordered);
    return () => void (ordered.left = 0);
  }

  endAll(): void {
    this.#ordered.splice(0);
  }

  /** How often a call about something took effect. */
  effects(call: string, about: string): number {
    return this.#effects.filter((effect) => effect.call === call && effect.args.includes(about)).length;
  }

  /** How many calls wait at a gate. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The driver, with its troubles. */
  wrap<T extends object>(name: string, driver: T): T {
    return new Proxy(driver, {
      get: (target, method, receiver) => {
        const work: unknown = Reflect.get(target, method, receiver);
        if (typeof work !== 'function') return work;
        return (...args: unknown[]) =>
          this.#meddle(`${name}.${String(method)}`, args, () => Promise.resolve(work.apply(target, args)));
      },
    });
  }

  async #meddle(call: string, args: readonly unknown[], work: () => Promise<unknown>): Promise<unknown> {
    const text = JSON.stringify(args);
    const act = (): Promise<unknown> => {
      this.#effects.push({ call, args: text });
      return work();
    };
    const ordered = this.#ordered.find((one) => one.call === call && one.left > 0 && holds(text, one.about));
    if (ordered === undefined) return act();
    ordered.left -= 1;
    return ordered.trouble.how === 'slow' ? this.#wait(ordered.trouble.gate, act) : suffer(ordered.trouble, call, act);
  }

  async #wait(gate: Gate, act: () => Promise<unknown>): Promise<unknown> {
    this.#waiting += 1;
    await gate.opened;
    this.#waiting -= 1;
    return act();
  }
}

const holds = (text: string, about: string | RegExp): boolean =>
  typeof about === 'string' ? text.includes(about) : about.test(text);

type Failing = Exclude<Trouble, { readonly how: 'slow' }>;

async function suffer(trouble: Failing, call: string, act: () => Promise<unknown>): Promise<unknown> {
  if (trouble.how === 'refuse') throw errorOf(trouble.error, `${call} was refused`);
  const result = await act();
  if (trouble.how === 'lose') throw errorOf(trouble.error, `the reply of ${call} was lost`);
  return trouble.how === 'twice' ? act() : result;
}

function errorOf(error: DriverErrorType | Error, message: string): Error {
  return error instanceof Error ? error : new DriverError(error, message);
}
