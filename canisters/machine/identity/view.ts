// What a reader sees of a machine.
import { hexToPrincipal } from '@tamc/protocol/principal';
import { bytesOf, optionOf, wordOf } from '../candid.ts';
import { openCommands } from '../commands/status.ts';
import { isFrozen } from '../compute/frozen.ts';
import { worstVerdict } from '../condition/rules.ts';
import { leaseNow } from '../control/lease.ts';
import { leaseToCandid } from '../control/view.ts';
import { devicesToCandid } from '../devices/view.ts';
import { isQuiet, operatorOf, rolesOf } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { stopToCandid } from '../stop/view.ts';
import { countRunningOrders } from '../use/ended.ts';
import { machineVersion } from '../version.ts';
import { identityOf } from './apply.ts';

export function identityToCandid(tables: MachineTables) {
  const { operator, offeredTo, registry } = rolesOf(tables);
  const { kind, make, model, place, parent, generation, bornNs, thingHash, charterHash } = identityOf(tables);
  return {
    kind,
    make,
    model,
    place,
    operator: hexToPrincipal(operator),
    operation_offered_to: optionOf(offeredTo).map(hexToPrincipal),
    registry: hexToPrincipal(registry),
    parent: optionOf(parent).map(hexToPrincipal),
    generation,
    born_ns: bornNs,
    thing: tables.documents.get('thing') ?? '',
    thing_hash: bytesOf(thingHash),
    charter: tables.documents.get('charter') ?? '',
    charter_hash: bytesOf(charterHash),
    actions: tables.actions.get(),
    version: machineVersion,
  };
}

export function machineToCandid(tables: MachineTables, nowNs: bigint) {
  const { kind, make, model, place } = identityOf(tables);
  const lease = leaseNow(tables, nowNs);
  return {
    kind,
    make,
    model,
    place,
    operator: hexToPrincipal(operatorOf(tables)),
    version: machineVersion,
    stopped: stopToCandid(tables),
    frozen: isFrozen(tables),
    quiet: isQuiet(tables, nowNs),
    lease: optionOf(lease).map(leaseToCandid),
    devices: devicesToCandid(tables),
    open_commands: openCommands(tables, nowNs).length,
    open_orders: tables.openOrders.get().length,
    running_orders: countRunningOrders(tables),
    condition: optionOf(worstVerdict(tables)).map(wordOf),
  };
}
