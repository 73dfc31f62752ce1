/** What a client may send for a member (Octavia: api/v2/types/member.py). */
import { envelope } from '../../http/envelope.ts';
import { boolean, integer, ipAddress, text, uuid } from '../../wire/scalars.ts';
import { list, mandatory, object, optional, withDefault } from '../../wire/structures.ts';
import type { Infer } from '../../wire/type.ts';

const name = text({ max: 255 });
const port = integer(1, 65_535);

const memberFields = {
  name: optional(name),
  admin_state_up: withDefault(boolean, true),
  address: mandatory(ipAddress),
  protocol_port: mandatory(port),
  weight: withDefault(integer(0, 256), 1),
  backup: withDefault(boolean, false),
  subnet_id: optional(uuid),
  monitor_port: optional(port),
  monitor_address: optional(ipAddress),
  tags: optional(list(name)),
  request_sriov: withDefault(boolean, false),
};

/** A member inside of a pool that is created with its load balancer. */
export const memberSingleCreate = object('member_single_create', memberFields);
export type MemberSingleCreate = Infer<typeof memberSingleCreate>;

const memberPost = object('member_post', {
  ...memberFields,
  project_id: optional(text({ max: 36 })),
  tenant_id: optional(text({ max: 36 })),
});
export type MemberPost = Infer<typeof memberPost>;

const memberPut = object('member_put', {
  name: optional(name),
  admin_state_up: optional(boolean),
  weight: optional(integer(0, 256)),
  backup: optional(boolean),
  monitor_address: optional(ipAddress),
  monitor_port: optional(port),
  tags: optional(list(name)),
});
export type MemberPut = Infer<typeof memberPut>;

export const memberCreation = envelope('member_', 'member', memberPost);
export const memberUpdate = envelope('member_', 'member', memberPut);
export const memberBatch = envelope('members_', 'members', list(memberPost));
