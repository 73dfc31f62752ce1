/** What belongs to a load balancer and is changed alone: each change locks the load balancer and leaves one operation. */
import type { Tx } from '../../db/database.ts';
import type { ResourceType } from '../../model/operation.ts';
import { change, open } from './change.ts';
import { readRoutes, type Resource } from './resource-routes.ts';
import { route, type AnyCall, type BodyType, type Call, type Route } from './route.ts';
import { onlyArguments } from './subject.ts';

type Noun = 'Listener' | 'Pool' | 'Member' | 'HealthMonitor';
type Root = 'listener' | 'pool' | 'member' | 'healthmonitor';

interface Named {
  readonly id: string;
  readonly name: string;
  readonly project_id: string;
}

/** What a transaction has made of a child. */
export interface Changed<Row> {
  readonly row: Row;
  readonly loadBalancerId: string;
  /** Ids and flags that the flow needs besides. */
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** Locks the load balancer and writes the intent. */
export type Work<Row> = (tx: Tx) => Promise<Changed<Row>>;

/** `before` is what the path named. Each of the three checks what it can, and gives what is left to do under the lock. */
interface Child<
  All extends string,
  One extends string,
  Row extends Named,
  Before extends Row,
  Post,
  Put,
> extends Resource<All, One, Row> {
  readonly root: Root;
  readonly noun: Noun;
  readonly type: ResourceType;
  readonly summaries: Readonly<Record<'list' | 'create' | 'show' | 'update' | 'remove', string>>;
  readonly find: (call: Call<NoInfer<One>, unknown>) => Promise<Before>;
  readonly creation: BodyType<Post>;
  readonly create: (call: Call<NoInfer<All>, Post>) => Promise<Work<Row>>;
  readonly changes: BodyType<Put>;
  readonly update: (call: Call<NoInfer<One>, Put>, before: Before) => Work<Row> | Promise<Work<Row>>;
  readonly remove: (before: Before, call: AnyCall) => Work<Row> | Promise<Work<Row>>;
}

type Verb = 'create' | 'update' | 'delete';

/** Does the work and opens its operation in one transaction, then starts its workflow. */
function carryOut<Row extends Named>(
  call: AnyCall,
  { noun, type }: { readonly noun: Noun; readonly type: ResourceType },
  verb: Verb,
  work: Work<Row>,
): Promise<Row> {
  return change(call, async (tx) => {
    const { row, loadBalancerId, arguments: more = {} } = await work(tx);
    const operation = await open(tx, call, {
      kind: `${verb}${noun}`,
      loadBalancerId,
      resourceType: type,
      resourceId: row.id,
      resourceName: row.name,
      projectId: row.project_id,
      arguments: more,
    });
    return { operation, result: row };
  });
}

/** List, create, show, update and delete. */
export function childRoutes<All extends string, One extends string, Row extends Named, Before extends Row, Post, Put>(
  child: Child<All, One, Row, Before, Post, Put>,
): readonly Route[] {
  const { all, one, root, summaries, collection, find } = child;
  const create = route({
    method: 'POST',
    path: all,
    action: `${root}:post`,
    summary: summaries.create,
    success: 201,
    body: child.creation,
    handler: async (call) => {
      const row = await carryOut(call, child, 'create', await child.create(call));
      return { status: 201, body: { [root]: collection.view(row, call) } };
    },
  });
  const update = route({
    method: 'PUT',
    path: one,
    action: `${root}:put`,
    summary: summaries.update,
    success: 200,
    body: child.changes,
    handler: async (call) => {
      const before = await find(call);
      onlyArguments(call);
      const row = await carryOut(call, child, 'update', await child.update(call, before));
      return { status: 200, body: { [root]: collection.view(row, call) } };
    },
  });
  const remove = route({
    method: 'DELETE',
    path: one,
    action: `${root}:delete`,
    summary: summaries.remove,
    success: 204,
    handler: async (call) => {
      const before = await find(call);
      onlyArguments(call);
      await carryOut(call, child, 'delete', await child.remove(before, call));
      return { status: 204 };
    },
  });
  return [...readRoutes(child), create, update, remove];
}
