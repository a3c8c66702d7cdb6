// Commands and reports over Candid.
import { CommandType } from '@tamc/protocol/commands';
import { AnswerType } from '@tamc/protocol/refusal';
import { type CandidReport, ReportsAnswerType, ReportType } from '@tamc/protocol/report';
import { entriesFor } from '@tamc/shared/azle/replicated';
import { IDL, query, time, update } from 'azle';
import { optionOf } from '../candid.ts';
import * as shell from '../shell/methods.ts';
import { takeReports } from './batch.ts';
import { report } from './reports.ts';
import { command, subjectToCommand } from './rules.ts';
import { commandsToCandid, commandToCandid, openCommandsToCandid } from './view.ts';

interface CandidCommand {
  command_id: string;
  action: string;
  arguments: string;
  device: [] | [number];
  expires_ns: bigint;
}

const CommandWantedType = IDL.Record({
  command_id: IDL.Text,
  action: IDL.Text,
  /** JSON. */
  arguments: IDL.Text,
  /** None: the device that was enrolled first. */
  device: IDL.Opt(IDL.Nat32),
  expires_ns: IDL.Nat64,
});

export class CommandMethods {
  @update([CommandWantedType], AnswerType(CommandType))
  command({ command_id, expires_ns, device, ...wanted }: CandidCommand) {
    const given = { ...wanted, device: device[0] ?? null, expiresNs: expires_ns };
    return shell.command(command_id, command, given, (tables, subject) => {
      return commandToCandid(tables, subjectToCommand(subject), time());
    });
  }

  /** Up to the first report that is refused; those before it are taken. */
  @update([IDL.Vec(ReportType)], ReportsAnswerType)
  report(reports: readonly CandidReport[]) {
    let isFirst = true;
    return takeReports(reports, (given) => {
      const perform = isFirst ? shell.perform : shell.performFurther;
      isFirst = false;
      return perform(report, given);
    });
  }

  /** What devices still have before them: all that a device needs to look at. */
  @query([], IDL.Vec(CommandType))
  open_commands() {
    return openCommandsToCandid(shell.tables, time());
  }

  @query([IDL.Nat32], IDL.Opt(CommandType))
  command_status(number: number) {
    return optionOf(commandToCandid(shell.tables, number, time()));
  }

  /** The newest first, of numbers below `before`. */
  @query([IDL.Record({ before: IDL.Opt(IDL.Nat32), limit: IDL.Nat32 })], IDL.Vec(CommandType))
  commands({ before, limit }: { before: [] | [number]; limit: number }) {
    return commandsToCandid(shell.tables, before[0] ?? null, entriesFor(limit), time());
  }
}
