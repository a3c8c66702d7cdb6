// What only whoever runs a network can do with it, as a port. Each part may be missing: then the tool that needs it says so. Nothing
// of it is a power over anybody's machine or money that counts.
import type { Result } from '@tamc/base/result';
import type { Account } from '@tamc/protocol/account';
import type { Problem } from './tool.ts';
import type { Access } from './world.ts';

export interface PlannedStep {
  /** For programs: `ledger/create`. */
  readonly id: string;
  /** In the imperative: `create the canister of the ledger`. */
  readonly text: string;
  readonly isDone: boolean;
}

export interface Deploying {
  /** Looks, and changes nothing. */
  plan(access: Access, progress: (text: string) => void): Promise<Result<readonly PlannedStep[], Problem>>;
  /** Does what is open, in order, and says each step. Cut off, it is done again: what is done is not done twice. Tells what it did. */
  run(access: Access, progress: (text: string) => void): Promise<Result<readonly string[], Problem>>;
}

export interface NetworkTime {
  readonly timeNs: bigint;
  /** Turned by hand. */
  readonly isVirtual: boolean;
}

export interface TimeKeeping {
  read(access: Access): Promise<Result<NetworkTime, Problem>>;
  /** Only where time is virtual; what is due meanwhile happens. */
  advance(access: Access, durationNs: bigint): Promise<Result<NetworkTime, Problem>>;
}

export interface Funding {
  /** Simulated money out of nothing, on the home ledger. Once per command id; tells the block. */
  fund(access: Access, to: Account, amount: bigint, commandId: string): Promise<Result<bigint, Problem>>;
}

export interface Keeper {
  readonly deploying?: Deploying;
  readonly time?: TimeKeeping;
  readonly funding?: Funding;
}

export function keeperProblem(what: string): Problem {
  return {
    code: 'NotTheKeeper',
    message: `this server does not keep the network, and cannot ${what}`,
    nextStep: 'Connect to the server of the process that runs the network (`npx tamc start`), or ask the person.',
  };
}
