// The stop over Candid.
import { AnswerType } from '@tamc/protocol/refusal';
import { StopType } from '@tamc/protocol/stop';
import { IDL, query, update } from 'azle';
import * as shell from '../shell/methods.ts';
import { releaseStop, stop } from './rules.ts';
import { stopToCandid } from './view.ts';

const Done = AnswerType(IDL.Null);

export class StopMethods {
  @update([IDL.Record({ reason: IDL.Text })], Done)
  stop({ reason }: { reason: string }) {
    return shell.updateAtOnce(stop, reason, () => null);
  }

  @update([], Done)
  release_stop() {
    return shell.update(releaseStop, undefined, () => null);
  }

  @query([], IDL.Opt(StopType))
  stopped() {
    return stopToCandid(shell.tables);
  }
}
