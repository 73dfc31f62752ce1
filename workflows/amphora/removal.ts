import type { Call } from '../saga.ts';

export interface RetiredAmphora {
  readonly id: string;
  readonly taskQueue: string;
}

/** All that ends an amphora, as calls for a clean-up flow. */
export function removalOf({ id, taskQueue }: RetiredAmphora): readonly Call[] {
  return [
    { name: 'delete compute', activity: 'deleteCompute', args: [id], taskQueue },
    { name: 'delete ports', activity: 'deleteAmphoraPorts', args: [id] },
    { name: 'mark amphora deleted', activity: 'markAmphoraDeleted', args: [id] },
  ];
}
