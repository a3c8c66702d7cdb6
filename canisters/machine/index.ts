// A machine on a network: its methods, by noun, and how it begins.
import { type MachineInit, MachineInitType } from '@tamc/protocol/identity';
import type { Refusal } from '@tamc/protocol/refusal';
import { init, inspectMessage, postUpgrade, preUpgrade, time, trap } from 'azle';
import { CommandMethods } from './commands/methods.ts';
import { ComputeMethods } from './compute/methods.ts';
import { ConditionMethods } from './condition/methods.ts';
import { ControlMethods } from './control/methods.ts';
import { DeviceMethods } from './devices/methods.ts';
import { giveBirth } from './identity/birth.ts';
import { IdentityMethods } from './identity/methods.ts';
import { newCodeFault } from './identity/upgrade.ts';
import { OverviewMethods } from './overview/methods.ts';
import * as shell from './shell/methods.ts';
import { machineTables } from './state.ts';
import { StopMethods } from './stop/methods.ts';
import { noteUpgrade } from './upgrade.ts';
import { UseMethods } from './use/methods.ts';
import { WalletMethods } from './wallet/methods.ts';

class Lifecycle {
  @init([MachineInitType])
  begin(given: MachineInit): void {
    const born = shell.birth(giveBirth, given);
    if (!born.ok) trap(renderRefusal(born.error));
  }

  @preUpgrade
  decideNewCode(): void {
    const fault = newCodeFault(shell.tables, time());
    if (fault !== null) trap(renderRefusal(fault));
  }

  /** Declares what `begin` does because a canister has one argument; it is not read, so an upgrade may send anything. */
  @postUpgrade([MachineInitType], { manual: true })
  goOn(): void {
    shell.goOn(noteUpgrade);
  }

  @inspectMessage({ manual: true })
  inspect(): boolean {
    return shell.isAccepted();
  }
}

function renderRefusal({ code, message, nextStep }: Refusal): string {
  return `${code}: ${message}; ${nextStep}`;
}

/** What stable memory holds, for the check before an upgrade: the build puts it into the module. */
export const layout = machineTables.layoutText();

export default [
  Lifecycle,
  IdentityMethods,
  DeviceMethods,
  CommandMethods,
  ControlMethods,
  ConditionMethods,
  StopMethods,
  WalletMethods,
  UseMethods,
  ComputeMethods,
  OverviewMethods,
];
