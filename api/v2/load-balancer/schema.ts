/** What a client may send for a load balancer (Octavia: api/v2/types/load_balancer.py). */
import { envelope } from '../../http/envelope.ts';
import { boolean, ipAddress, text, uuid } from '../../wire/scalars.ts';
import { list, mandatory, object, optional, withDefault } from '../../wire/structures.ts';
import type { Infer } from '../../wire/type.ts';
import { listenerSingleCreate } from '../listener/schema.ts';
import { poolSingleCreate } from '../pool/schema.ts';

const name = text({ max: 255 });

const additionalVip = object('additional_vip', {
  subnet_id: mandatory(uuid),
  ip_address: optional(ipAddress),
  port_id: optional(uuid),
});

const loadBalancerPost = object('loadbalancer_post', {
  name: optional(name),
  description: optional(name),
  admin_state_up: withDefault(boolean, true),
  vip_address: optional(ipAddress),
  vip_port_id: optional(uuid),
  vip_subnet_id: optional(uuid),
  vip_network_id: optional(uuid),
  vip_qos_policy_id: optional(uuid),
  vip_sg_ids: optional(list(uuid)),
  additional_vips: optional(list(additionalVip)),
  project_id: optional(text({ max: 36 })),
  listeners: optional(list(listenerSingleCreate)),
  pools: optional(list(poolSingleCreate)),
  provider: optional(text({ max: 64 })),
  tags: optional(list(name)),
  flavor_id: optional(uuid),
  availability_zone: optional(name),
  tenant_id: optional(text({ max: 36 })),
});
export type LoadBalancerPost = Infer<typeof loadBalancerPost>;

const loadBalancerPut = object('loadbalancer_put', {
  name: optional(name),
  description: optional(name),
  vip_qos_policy_id: optional(uuid),
  admin_state_up: optional(boolean),
  tags: optional(list(name)),
  vip_sg_ids: optional(list(uuid)),
});
export type LoadBalancerPut = Infer<typeof loadBalancerPut>;

export const loadBalancerCreation = envelope('load_balancer', 'loadbalancer', loadBalancerPost);
export const loadBalancerUpdate = envelope('load_balancer', 'loadbalancer', loadBalancerPut);
