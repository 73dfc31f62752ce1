const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/**
 * The tasks, and the retry controllers, of each of Octavia's flows (octavia/controller/worker/v2/flows/, commit 0e6ea11c), by the section of
 * docs/taskflow-parity.md that is about it. A flow that is part of another is listed once, in its own section.
 */
export const octaviaTasks: Readonly<Record<string, readonly string[]>> = {
  '3.1': words(`
    CreateAmphoraInDB GenerateServerPEM UpdateAmphoraDBCertExpiration CertComputeCreate
    UpdateAmphoraComputeId MarkAmphoraBootingInDB ComputeRetry ComputeWait UpdateAmphoraInfo
    AmpRetry AmphoraComputeConnectivityWait AmphoraFinalize MarkAmphoraAllocatedInDB MarkAmphoraMasterInDB
    MarkAmphoraBackupInDB MarkAmphoraStandAloneInDB
  `),
  '3.2': words(`
    PlugVIPAmphora CreateSRIOVBasePort AttachPort BuildAMPData ApplyQosAmphora UpdateAmphoraVIPData
    GetAmphoraNetworkConfigs AmphoraPostVIPPlug
  `),
  '3.3': words(`
    CreateVRRPGroupForLB GetAmphoraeNetworkConfigs AmphoraeGetConnectivityStatus
    AmphoraIndexUpdateVRRPInterface AmphoraIndexVRRPUpdate GetAmphoraFirewallRules
    SetAmphoraFirewallRules AmphoraIndexVRRPStart
  `),
  '3.4': words(`
    AmphoraToErrorOnRevert SleepingRetryTimes MarkAmphoraPendingDeleteInDB MarkAmphoraHealthBusy ComputeDelete
    DeleteAmphoraMemberPorts DisableAmphoraHealthMonitoring MarkAmphoraDeletedInDB DeletePort
  `),
  '3.5': words(`
    CreateVIPBasePort GetSubnetFromVIP CreateSRIOVBasePort AttachPort UpdateAmpFailoverDetails
    GetAmphoraNetworkConfigsByID AdminDownPort AmphoraPostVIPPlug AmphoraToAmphoraeWithVRRPIP
    GetAmphoraFirewallRules AmphoraeGetConnectivityStatus SetAmphoraFirewallRules CalculateAmphoraDelta
    HandleNetworkDelta AmphoraePostNetworkPlug
  `),
  '3.6': [],
  '3.7': words(`
    GetAmphoraeFromLoadbalancer AmphoraeGetConnectivityStatus GetAmphoraeNetworkConfigs
    GetAmphoraFirewallRules SetAmphoraFirewallRules
  `),
  '4.1': words(`
    LoadBalancerIDToErrorOnRevert ReloadLoadBalancer AllocateVIP UpdateVIPAfterAllocation
    UpdateAdditionalVIPsAfterAllocation UpdateVIPSecurityGroup GetSubnetFromVIP NovaServerGroupCreate
    UpdateLBServerGroupInDB GetAmphoraeFromLoadbalancer UpdateLoadbalancerInDB CalculateDelta
    HandleNetworkDeltas GetAmphoraeNetworkConfigs AmphoraePostNetworkPlug GetListenersFromLoadbalancer
    ListenersUpdate UpdateVIP MarkHealthMonitorsOnlineInDB MarkLBActiveInDB SendCreateNotification
  `),
  '4.2': words(`
    LoadBalancerToErrorOnRevert NovaServerGroupDelete MarkLBAmphoraeHealthBusy MarkPoolPendingDeleteInDB
    CountPoolChildrenForQuota DeletePoolInDB DecrementPoolQuota UpdateVIPForDelete DeleteListenerInDB
    DecrementListenerQuota DeletePort DeleteAmpMemberPortInDB UnplugVIP DeallocateVIP
    DeleteAmphoraeOnLoadBalancer MarkLBAmphoraeDeletedInDB DisableLBAmphoraeHealthMonitoring
    MarkLBDeletedInDB DecrementLoadBalancerQuota SendDeleteNotification
  `),
  '4.3': words(`
    LoadBalancerToErrorOnRevert UpdateVIPSecurityGroup UpdateAmphoraSecurityGroup ApplyQos
    ListenersUpdate UpdateLoadbalancerInDB MarkLBActiveInDB SendUpdateNotification
  `),
  '4.4': words(`
    LoadBalancerToErrorOnRevert MarkAmphoraPendingDeleteInDB MarkAmphoraHealthBusy
    AllocateVIPforFailover UpdateVIPAfterAllocation UpdateAdditionalVIPsAfterAllocation
    UpdateVIPSecurityGroup MarkAmphoraBackupInDB ReloadLoadBalancer AmpListenersUpdate
    CreateVRRPGroupForLB GetAmphoraNetworkConfigsByID AmphoraUpdateVRRPInterface AmphoraVRRPUpdate
    AmphoraVRRPStart ListenersStart MarkAmphoraMasterInDB DisableAmphoraHealthMonitoring
    GetAmphoraeFromLoadbalancer AmphoraeGetConnectivityStatus AmphoraIndexListenerUpdate
    AmphoraIndexListenersReload MarkLBActiveInDB
  `),
  '4.5': words(`
    LoadBalancerToErrorOnRevert AmphoraToErrorOnRevert MarkAmphoraPendingDeleteInDB
    MarkAmphoraHealthBusy GetVIPSecurityGroupID DisableAmphoraHealthMonitoring GetLoadBalancer
    GetAmphoraeFromLoadbalancer AmphoraeGetConnectivityStatus AmphoraIndexListenerUpdate
    AmphoraIndexListenersReload MarkLBActiveInDB
  `),
  '4.6': words(`
    AmphoraToErrorOnRevert GenerateServerPEM AmphoraCertUpload UpdateAmphoraDBCertExpiration
    UpdateAmphoraCertBusyToFalse AmphoraConfigUpdate
  `),
  '5.1.1': words(`
    ListenersToErrorOnRevert ListenersUpdate UpdateVIP MarkLBAndListenersActiveInDB
  `),
  '5.1.2': words(`
    ListenerToErrorOnRevert ListenersUpdate UpdateVIP UpdateListenerInDB MarkLBAndListenersActiveInDB
  `),
  '5.1.3': words(`
    ListenerToErrorOnRevert ListenerDelete UpdateVIPForDelete DeleteListenerInDB DecrementListenerQuota
    MarkLBActiveInDBByListener
  `),
  '5.2.1': words(`
    PoolToErrorOnRevert MarkPoolPendingCreateInDB ListenersUpdate MarkPoolActiveInDB
    MarkLBAndListenersActiveInDB
  `),
  '5.2.2': words(`
    PoolToErrorOnRevert MarkPoolPendingUpdateInDB ListenersUpdate UpdatePoolInDB MarkPoolActiveInDB
    MarkLBAndListenersActiveInDB
  `),
  '5.2.3': words(`
    PoolToErrorOnRevert MarkPoolPendingDeleteInDB CountPoolChildrenForQuota ListenersUpdate
    DeletePoolInDB DecrementPoolQuota MarkLBAndListenersActiveInDB
  `),
  '5.3.1': words(`
    MemberToErrorOnRevert MarkMemberPendingCreateInDB CalculateDelta HandleNetworkDeltas
    GetAmphoraeNetworkConfigs AmphoraePostNetworkPlug ListenersUpdate MarkMemberActiveInDB
    MarkPoolActiveInDB MarkLBAndListenersActiveInDB
  `),
  '5.3.2': words(`
    MemberToErrorOnRevert MarkMemberPendingUpdateInDB ListenersUpdate UpdateMemberInDB
    MarkMemberActiveInDB MarkPoolActiveInDB MarkLBAndListenersActiveInDB
  `),
  '5.3.3': words(`
    MemberToErrorOnRevert MarkMemberPendingDeleteInDB CalculateDelta HandleNetworkDeltas
    GetAmphoraeNetworkConfigs AmphoraePostNetworkPlug ListenersUpdate DeleteMemberInDB
    DecrementMemberQuota MarkPoolActiveInDB MarkLBAndListenersActiveInDB
  `),
  '5.3.4': words(`
    MembersToErrorOnRevert DeleteMemberInDB DecrementMemberQuota CalculateDelta HandleNetworkDeltas
    GetAmphoraeNetworkConfigs AmphoraePostNetworkPlug ListenersUpdate MarkMemberActiveInDB
    MarkPoolActiveInDB MarkLBAndListenersActiveInDB
  `),
  '5.4.1': words(`
    HealthMonitorToErrorOnRevert MarkHealthMonitorPendingCreateInDB ListenersUpdate
    MarkHealthMonitorActiveInDB MarkPoolActiveInDB MarkLBAndListenersActiveInDB
  `),
  '5.4.2': words(`
    HealthMonitorToErrorOnRevert MarkHealthMonitorPendingUpdateInDB ListenersUpdate UpdateHealthMonInDB
    MarkHealthMonitorActiveInDB MarkPoolActiveInDB MarkLBAndListenersActiveInDB
  `),
  '5.4.3': words(`
    HealthMonitorToErrorOnRevert MarkHealthMonitorPendingDeleteInDB ListenersUpdate
    DeleteHealthMonitorInDB DecrementHealthMonitorQuota UpdatePoolMembersOperatingStatusInDB
    MarkPoolActiveInDB MarkLBAndListenersActiveInDB
  `),
  '5.5': words(`
    L7PolicyToErrorOnRevert MarkL7PolicyPendingCreateInDB ListenersUpdate MarkL7PolicyActiveInDB
    MarkLBAndListenersActiveInDB MarkL7PolicyPendingUpdateInDB UpdateL7PolicyInDB
    MarkL7PolicyPendingDeleteInDB DeleteL7PolicyInDB DecrementL7policyQuota L7RuleToErrorOnRevert
    MarkL7RulePendingCreateInDB MarkL7RuleActiveInDB MarkL7RulePendingUpdateInDB UpdateL7RuleInDB
    MarkL7RulePendingDeleteInDB DeleteL7RuleInDB DecrementL7ruleQuota
  `),
  '6': words(`
    ListenersUpdate
  `),
  '7': words(`
    SendCreateNotification SendUpdateNotification SendDeleteNotification
  `),
  '8': [],
  '9': [],
  '10': [],
};
