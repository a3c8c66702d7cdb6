// The stop over Candid.
import { AnswerType } from '@tamc/protocol/refusal';
import { ReleaseStopArgsType, StopType } from '@tamc/protocol/stop';
import { IDL, query, update } from 'azle';
import * as shell from '../shell/methods.ts';
import { releaseStop, releaseStopOf, stop } from './rules.ts';
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

  /** Of the stop that began then, as `stopped` shows it; one that was given since is not released. */
  @update([ReleaseStopArgsType], Done)
  release_stop_of({ since_ns }: { since_ns: bigint }) {
    return shell.update(releaseStopOf, since_ns, () => null);
  }

  @query([], IDL.Opt(StopType))
  stopped() {
    return stopToCandid(shell.tables);
  }
}
