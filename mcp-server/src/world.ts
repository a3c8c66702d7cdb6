// What the server needs from outside, as a port: the network it talks to, who it is there, the clock, the audit log. The shell of
// `tamc mcp` gives the real ones. Listing tools touches none of it.
import type { Result } from '@tamc/base/result';
import type { Connection } from '@tamc/client';
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { Keeper } from './keeper.ts';
import type { ActMemory } from './repetitions.ts';
import type { Problem } from './tool.ts';

/** A network that is there, and where our canisters are on it. */
export interface Access {
  readonly connection: Connection;
  readonly registry: PrincipalHex;
  /** Whose world this is: the operator of what is brought to life here. Its key is not here. Null: nobody owns it yet. */
  readonly owner: PrincipalHex | null;
  /** Under which the person knows this assistant, as for `npx tamc owner --admit`. */
  readonly name?: string;
  /** Of this assistant: what the codes are made from that it issues. Left out, one of this process. */
  readonly codeKey?: Uint8Array;
  /** The network's time, which need not be that of this computer. */
  nowNs(): bigint;
}

export interface AuditEntry {
  readonly atMs: number;
  readonly tool: string;
  readonly caller: PrincipalHex;
  readonly commandId: string;
  /** Of the canonical arguments: the log shows what was called with what without keeping secrets. */
  readonly argsDigest: string;
  readonly outcome: string;
  /** How often the same came again within a second; left out: it is told by itself. */
  readonly times?: number;
}

export interface World {
  /** The identity of this connection: a delegate, never an owner. */
  readonly caller: PrincipalHex;
  /**
   * Attaches to the network, or starts it when none runs; says so meanwhile. Asked before every call: whoever keeps what it found
   * gives the same again until it is told that this was lost.
   */
  open(progress: (text: string) => void): Promise<Result<Access, Problem>>;
  /** What happened to the network beside the calls, for the next answer to tell, once: that it was started, and stays. */
  takeNews?(): string | null;
  /** A call over this access found no network. The next `open` looks anew for where one runs. */
  lost?(access: Access): void;
  /** Where this process runs the network, or may act for who does; the same object every time. */
  readonly keeper?: Keeper;
  /** What this assistant began, kept beyond the process. Left out, only the process knows. */
  readonly acts?: ActMemory;
  nowMs(): number;
  /** Appends, when the outcome is known and before it is told: a call whose entry cannot be written is answered with that. */
  audit(entry: AuditEntry): void;
}
