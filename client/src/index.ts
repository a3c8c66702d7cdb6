// The public face of the client: the only code of ours that calls canisters.
export type { CallError, CallErrorKind } from './call-error.ts';
export { type Bytes, type Opt, type Word, wordOf } from './candid-values.ts';
export { createCommandId } from './command-id.ts';
export { agentToConnection, type Connection, type ConnectOptions, connect, type Method } from './connection.ts';
export { createByCyclesLedger } from './cycles-ledger.ts';
export { type PulledEvents, pullEvents, pullProvenEvents, readEventsEnd } from './events.ts';
export {
  createIdentity,
  type Ed25519KeyIdentity,
  identityFromSeed,
  openIdentity,
  type SealedKey,
  sealIdentity,
  seedOf,
} from './identity.ts';
export {
  type Approval,
  bindLedger,
  icrcErrorToCallError,
  type Ledger,
  type LedgerFacts,
  type Transfer,
} from './ledger.ts';
export { bindMachine, type Machine } from './machine.ts';
export type { CommandReply, CommandWanted, ConditionReply, MeterReply } from './machine-commands.ts';
export type { LeaseReply, StopReply } from './machine-control.ts';
export type { DeviceReply, Enrolment, ReportsReply } from './machine-devices.ts';
export type { IdentityReply, MachineViewReply, OpenCallReply } from './machine-identity.ts';
export type { OverviewReply } from './machine-overview.ts';
export type {
  ComputeReply,
  ComputeTerms,
  OrderReply,
  OrderWanted,
  TariffReply,
  TariffTerms,
  TopUpReply,
} from './machine-use.ts';
export {
  type ActAsked,
  type AskWanted,
  type BalanceReply,
  type EntryReply,
  type MandateAsked,
  type MandateReply,
  type MoneyTermsTakenReply,
  type Payment,
  type PaymentAsked,
  type PayReply,
  type RequestReply,
  readMandates,
  readRequests,
  type StatementReply,
  type TransferReply,
} from './machine-wallet.ts';
export { createManagement, type InstallMode, type Management } from './management.ts';
export {
  bindRegistry,
  type CodeReply,
  type MachineReply,
  type RegisteredLedgerReply,
  type Registry,
  type RegistrySettingsReply,
} from './registry.ts';
export { bindService, type Called, type MethodSpec, queryMethod, type Service, updateMethod } from './service.ts';
export { bindSimulatedDesk, type SimulatedDesk } from './simulated-desk.ts';
