import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { configOf, pathsOf, type AgentContext } from '../context.ts';
import { AgentError, failure, json, type AgentRequest, type AgentResponse } from '../http/message.ts';
import { advertise } from '../interfaces/advertise.ts';
import { applyInterface } from '../interfaces/apply.ts';
import { portInterfaceFile, vipInterfaceFile, type InterfaceFile } from '../interfaces/file.ts';
import { interfaceByMac, moveInside, nextInterfaceName } from '../interfaces/links.ts';
import { readInterfaceFiles, recordPlugged, writeInterfaceFile } from '../interfaces/store.ts';
import { parameter } from './parameters.ts';
import { parsePlugNetwork, parsePlugVip, type PlugNetwork } from './plug-body.ts';

/** The VIP's interface always has this name (Octavia: common/constants.py, NETNS_PRIMARY_INTERFACE). */
const vipInterface = 'eth1';

const pciRescan = '/sys/bus/pci/rescan';

/** POST /plug/vip/{vip}: moves the VRRP port into the namespace and gives it the VIPs (Octavia: plug.py, plug_vip). */
export async function plugVip(context: AgentContext, request: AgentRequest): Promise<AgentResponse> {
  const { vips, vrrp, mac, mtu, isSriov } = parsePlugVip(parameter(request, 'vip'), request.body);
  return context.mutex.run('interfaces', async () => {
    const existing = await interfaceByMac('inside', mac);
    if (existing !== null) {
      await reapply(context, existing);
      throw failure(409, 'Interface already exists');
    }
    const { activeStandby } = configOf(context);
    const name = vipInterface;
    const file = vipInterfaceFile({ name, mtu, vips, vrrp, fixedIps: [], activeStandby, isSriov });
    await plugNew(context, mac, file);
    const addresses = vips.map(({ ipAddress }) => ipAddress);
    if (!activeStandby) await advertise(addresses, context.log);
    return json(202, { message: 'OK', details: `VIPs plugged on interface ${name}: ${addresses.join(', ')}` });
  });
}

/** POST /plug/network: a port in a member network, new or with other addresses (Octavia: plug.py, plug_network). */
export async function plugNetwork(context: AgentContext, request: AgentRequest): Promise<AgentResponse> {
  const port = parsePlugNetwork(request.body);
  return context.mutex.run('interfaces', async () => {
    const existing = await interfaceByMac('inside', port.mac);
    if (existing === null) {
      const name = await nextInterfaceName();
      await plugNew(context, port.mac, portInterfaceFile({ name, ...port }));
      await advertiseFixed(context, port);
      return json(202, { message: 'OK', details: `Plugged on interface ${name}` });
    }
    const file = fileOf(context, existing, port);
    await writeInterfaceFile(configOf(context).networkDir, file);
    await applyInterface(file, context.log);
    await advertiseFixed(context, port);
    return json(202, { message: 'OK', details: `Updated existing interface ${existing}` });
  });
}

/** Writes the file first, so that an agent that dies half-way finishes at its next start. */
async function plugNew(context: AgentContext, mac: string, file: InterfaceFile): Promise<void> {
  const outside = await interfaceByMac('outside', mac);
  if (outside === null) throw await noInterface();
  await writeInterfaceFile(configOf(context).networkDir, file);
  await recordPlugged(pathsOf(context).pluggedInterfaces, { mac: mac.toLowerCase(), name: file.name });
  await moveInside(outside, file.name);
  await applyInterface(file, context.log);
}

/** The controller tries again on this answer: the interface may be on its way. */
async function noInterface(): Promise<AgentError> {
  const details = 'No suitable network interface found';
  if (existsSync(pciRescan)) await writeFile(pciRescan, '1');
  return new AgentError(json(404, { details }), details);
}

function fileOf(context: AgentContext, name: string, port: PlugNetwork): InterfaceFile {
  if (port.vipNetwork === null) return portInterfaceFile({ name, ...port });
  const { activeStandby } = configOf(context);
  const { mtu, fixedIps, isSriov } = port;
  return vipInterfaceFile({ name, mtu, ...port.vipNetwork, fixedIps, activeStandby, isSriov });
}

async function reapply(context: AgentContext, name: string): Promise<void> {
  const files = await readInterfaceFiles(configOf(context).networkDir);
  const file = files.find((candidate) => candidate.name === name);
  if (file !== undefined) await applyInterface(file, context.log);
}

async function advertiseFixed(context: AgentContext, port: PlugNetwork): Promise<void> {
  const addresses = port.fixedIps.map(({ ipAddress }) => ipAddress);
  await advertise(addresses, context.log);
}
