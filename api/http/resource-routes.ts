/** What every resource answers to: its list, and one of it (Octavia: api/v2/controllers, get_all and get_one). */
import { answerList, type Collection, type View } from './list.ts';
import { route, type AnyCall, type Call, type Route } from './route.ts';
import { showOne } from './subject.ts';

/** Names of resources in policies and around one of them in an answer. */
type Root = 'loadbalancer' | 'listener' | 'pool' | 'member' | 'healthmonitor' | 'amphora' | 'operation';

export interface Resource<All extends string, One extends string, Row> {
  readonly all: All;
  readonly one: One;
  readonly root: Root;
  readonly summaries: { readonly list: string; readonly show: string };
  readonly collection: Collection<Row>;
  /** The row that the path names. Throws for who may not do this to it. */
  readonly find: (call: Call<NoInfer<One>, unknown>) => Promise<Row>;
  /** What a nested collection is nested in. Throws as `find` does. */
  readonly parent?: (call: Call<NoInfer<All>, unknown>) => Promise<{ readonly key: string; readonly id: string }>;
  /** One alone, where that is more than an entry of the list. */
  readonly showAlone?: (row: Row, call: AnyCall) => Promise<View>;
}

export function readRoutes<All extends string, One extends string, Row>(
  resource: Resource<All, One, Row>,
): readonly Route[] {
  const { all, one, root, summaries, collection, find, parent, showAlone = collection.view } = resource;
  const list = route({
    method: 'GET',
    path: all,
    action: `${root}:get_all`,
    summary: summaries.list,
    success: 200,
    handler: async (call) => answerList(call, collection, await parent?.(call)),
  });
  const show = route({
    method: 'GET',
    path: one,
    action: `${root}:get_one`,
    summary: summaries.show,
    success: 200,
    handler: async (call) => showOne(call, root, await showAlone(await find(call), call)),
  });
  return [list, show];
}
