// What devices are told to do: requested with a command id, then accepted, acted and ended by the device's reports.
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { CommandType } from '@tamc/protocol/commands';
import { ConditionType, MeterType } from '@tamc/protocol/condition';
import type { Bytes, Opt, Word } from './candid-values.ts';
import { queryMethod, updateMethod } from './service.ts';

export interface CommandWanted {
  readonly command_id: string;
  readonly action: string;
  /** JSON. */
  readonly arguments: string;
  /** None: the device that was enrolled first. */
  readonly device: Opt<number>;
  readonly expires_ns: bigint;
}

export interface CommandReply {
  readonly command: number;
  readonly device: number;
  readonly action: string;
  readonly arguments: string;
  readonly requested_by: Principal;
  readonly requested_ns: bigint;
  readonly expires_ns: bigint;
  readonly cause: Opt<string>;
  readonly status: Word<'requested' | 'accepted' | 'acted' | 'confirmed' | 'failed' | 'expired'>;
  readonly accepted_ns: Opt<bigint>;
  readonly acted_ns: Opt<bigint>;
  readonly ended_ns: Opt<bigint>;
  readonly quantity: Opt<bigint>;
  readonly evidence: Opt<Bytes>;
  readonly reason: Opt<string>;
}

export interface ConditionReply {
  readonly part: string;
  readonly device: number;
  readonly verdict: Word<'good' | 'watch' | 'due' | 'fault'>;
  readonly confidence_ppm: number;
  readonly wear_ppm: Opt<number>;
  readonly fault: Opt<string>;
  readonly model_hash: Bytes;
  readonly input_digest: Bytes;
  readonly at_ns: bigint;
}

export interface MeterReply {
  readonly meter: string;
  readonly device: number;
  readonly value: bigint;
  readonly unit: string;
  readonly evidence: Bytes;
  readonly at_ns: bigint;
}

const CommandWantedType = IDL.Record({
  command_id: IDL.Text,
  action: IDL.Text,
  arguments: IDL.Text,
  device: IDL.Opt(IDL.Nat32),
  expires_ns: IDL.Nat64,
});
const PageType = IDL.Record({ before: IDL.Opt(IDL.Nat32), limit: IDL.Nat32 });

export const commandMethods = {
  command: updateMethod<[CommandWanted], CommandReply>([CommandWantedType], CommandType, true),
  /** All that a device needs to look at. */
  open_commands: queryMethod<[], CommandReply[]>([], IDL.Vec(CommandType)),
  command_status: queryMethod<[command: number], Opt<CommandReply>>([IDL.Nat32], IDL.Opt(CommandType)),
  /** The newest first. */
  commands: queryMethod<[{ before: Opt<number>; limit: number }], CommandReply[]>([PageType], IDL.Vec(CommandType)),
  condition: queryMethod<[], ConditionReply[]>([], IDL.Vec(ConditionType)),
  meters: queryMethod<[], MeterReply[]>([], IDL.Vec(MeterType)),
};
