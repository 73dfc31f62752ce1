/** Who boots first when not all may: the lower the sooner (Octavia: constants.py LB_CREATE_FAILOVER_PRIORITY, LB_CREATE_NORMAL_PRIORITY). */
export const buildPriority = { failover: 20, create: 40 } as const;
