// Events of identity as changes of tables.
import { assert } from '@tamc/base/assert';
import type { IdentityEvent } from '@tamc/protocol/identity';
import { rolesOf } from '../powers.ts';
import type { Envelope, MachineTables } from '../state.ts';
import { noUpgrade } from './tables.ts';

export function applyIdentity(tables: MachineTables, event: IdentityEvent, envelope: Envelope): void {
  switch (event.kind) {
    case 'MachineBorn':
      applyBirth(tables, event, envelope);
      break;
    case 'MachineDescribed':
      tables.documents.set('thing', event.thing);
      tables.actions.set(event.actions);
      tables.identity.set({ ...identityOf(tables), thingHash: event.thingHash });
      break;
    case 'CharterSet':
      tables.documents.set('charter', event.charter);
      tables.identity.set({ ...identityOf(tables), charterHash: event.charterHash });
      break;
    case 'OperationOffered':
      tables.roles.set({ ...rolesOf(tables), offeredTo: event.to });
      break;
    case 'OperationAccepted':
      tables.roles.set({
        ...rolesOf(tables),
        operator: event.operator,
        offeredTo: null,
        handovers: rolesOf(tables).handovers + 1,
      });
      break;
    default:
      applyUpgrade(tables, event);
      break;
  }
}

export function identityOf(tables: MachineTables) {
  const identity = tables.identity.get();
  assert(identity !== null, 'the machine is not born');
  return identity;
}

type Born = Extract<IdentityEvent, { kind: 'MachineBorn' }>;

function applyBirth(tables: MachineTables, event: Born, { timeNs }: Envelope): void {
  const { registry, operator, machineKind, make, model, place, parent, generation } = event;
  tables.roles.set({ registry, operator, offeredTo: null, handovers: 0 });
  const born = { make, model, place, parent, generation, bornNs: timeNs, thingHash: '', charterHash: '' };
  tables.identity.set({ kind: machineKind, ...born });
}

type Upgrade = Extract<IdentityEvent, { kind: `${string}Upgrade${string}` }>;

function applyUpgrade(tables: MachineTables, event: Upgrade): void {
  const upgrade = tables.upgrade.get();
  switch (event.kind) {
    case 'UpgradeApproved':
      tables.upgrade.set({ ...unprepared(upgrade, event), approvalExpiresNs: event.expiresNs });
      break;
    case 'UpgradeWithdrawn':
      tables.upgrade.set(event.isApprovalKept ? { ...upgrade, quietUntilNs: 0n, preparedHash: null } : noUpgrade);
      break;
    case 'UpgradePrepared':
      tables.upgrade.set({ ...upgrade, quietUntilNs: event.quietUntilNs, preparedHash: event.moduleHash });
      break;
    case 'MachineUpgraded':
      tables.upgrade.set(noUpgrade);
      break;
  }
}

/** Another module than the one that is being prepared: that preparation is over, and with it the quiet. */
function unprepared<Prepared extends { readonly preparedHash: string | null }>(
  upgrade: Prepared,
  { moduleHash }: { readonly moduleHash: string },
) {
  const isOther = upgrade.preparedHash !== null && upgrade.preparedHash !== moduleHash;
  return { ...upgrade, ...(isOther && { quietUntilNs: 0n, preparedHash: null }), moduleHash };
}
