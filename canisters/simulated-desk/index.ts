// The simulated cycles desk of an embedded network. It has its name so that nobody takes its cycles for bought ones.
import { hexToPrincipal } from '@tamc/protocol/principal';
import { refusalToCandid } from '@tamc/protocol/refusal';
import {
  DeskAnswerType,
  type DeskInit,
  DeskInitType,
  DeskPriceType,
  TopUpArgsType,
} from '@tamc/protocol/simulated-desk';
import { limitArguments } from '@tamc/shared/azle/argument-limits';
import { createShell } from '@tamc/shared/azle/shell';
import { IDL, init, inspectMessage, postUpgrade, query, trap, update } from 'azle';
import { deskDefinition, saleAnswer } from './desk.ts';
import { openDesk, topUp } from './rules.ts';

const shell = createShell(deskDefinition);

const isAccepted = limitArguments(() => ({}));

/** What stable memory holds, for the check before an upgrade: the build puts it into the module. */
export const layout = deskDefinition.tables.layoutText();

export default class {
  @init([DeskInitType])
  begin(given: DeskInit): void {
    const opened = shell.perform(openDesk, given);
    if (!opened.ok) trap(`${opened.error.code}: ${opened.error.message}`);
    shell.start();
  }

  @postUpgrade([DeskInitType], { manual: true })
  goOn(): void {
    shell.resume();
  }

  @inspectMessage({ manual: true })
  inspect(): boolean {
    return isAccepted();
  }

  /** Sends cycles to whoever made the payment in this block, once; asked again, it tells the same sale. */
  @update([TopUpArgsType], DeskAnswerType)
  async top_up({ block }: { block: bigint }) {
    const answer = await shell.settled(topUp, block, saleAnswer);
    if ('Err' in answer) return answer;
    const { reply, refusal } = answer.Ok;
    return refusal === null ? { Ok: reply } : { Err: refusalToCandid(refusal) };
  }

  @query([], DeskPriceType)
  price() {
    const { ledger, cyclesPerUnit } = shell.tables.price.get()!;
    return { ledger: hexToPrincipal(ledger), cycles_per_unit: cyclesPerUnit, is_simulated: true };
  }

  /** How the tables lie in stable memory, as JSON. */
  @query([], IDL.Text, { manual: true })
  layout(): void {
    shell.layout();
  }
}
