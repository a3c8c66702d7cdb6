// Every no of the registry, with what to do next.
import { defineRefusals } from './refusal.ts';

export const registryNo = defineRefusals({
  NotGovernor: {
    kind: 'caller',
    message: 'only the governor of the registry may do this',
    nextStep: 'ask {governor}, or sign with that identity',
  },
  AnonymousCaller: {
    kind: 'caller',
    message: 'the anonymous caller can be anybody',
    nextStep: 'sign the call with an identity',
  },
  NothingOffered: {
    kind: 'state',
    message: 'governance of the registry is not offered to the caller',
    nextStep: 'ask the governor {governor} to call offer_governance with your principal',
  },
  FieldInvalid: {
    kind: 'input',
    message: '{field} must be {wanted}',
    nextStep: 'correct {field} and send it again',
  },
  EngineHasNoCycles: {
    kind: 'input',
    message: 'a Cloud Engine refuses every call that carries cycles, and its canisters need none',
    nextStep: 'set birth_cycles to 0 and compute to none',
  },
  ForeignLedger: {
    kind: 'input',
    message: 'the ledger {id} lies on another subnet, and canisters of a Cloud Engine reach only their own',
    nextStep: 'deploy a ledger on the engine and add that one',
  },
  ComputeLedgerNeeded: {
    kind: 'state',
    message: 'machines buy their cycles on the ledger {id}',
    nextStep: 'set other birth terms first, then retire it',
  },
  ComputeLedgerMissing: {
    kind: 'state',
    message: 'machines would buy their cycles on the ledger {ledger}, which the registry does not have',
    nextStep: 'add that ledger first',
  },
  HomeLedgerNeeded: {
    kind: 'state',
    message: 'the ledger {id} is the home ledger that machines are born with',
    nextStep: 'add another ledger with home = true, then retire this one',
  },
  LedgerUnknown: {
    kind: 'state',
    message: 'the registry has no ledger {id} in use',
    nextStep: 'look at ledgers()',
  },
  TooManyLedgers: {
    kind: 'limit',
    message: '{limit} ledgers are in use already',
    nextStep: 'retire one that is not used',
  },
  CandidInvalid: {
    kind: 'input',
    message: 'the Candid of the module cannot be read: {reason}',
    nextStep: 'send the text of its candid:service section',
  },
  LayoutInvalid: {
    kind: 'input',
    message: 'the layout of the module cannot be read: {reason}',
    nextStep: 'send what its layout() answers',
  },
  ChunksMissing: {
    kind: 'state',
    message: 'the module {hash} is not approved: {reason}',
    nextStep: 'upload its chunks to the chunk store of the registry with upload_chunk, and approve it again',
  },
  CodeKnown: {
    kind: 'state',
    message: 'the module {hash} is {standing} already',
    nextStep: 'nothing is to be done; look at codes()',
  },
  CodeUnknown: {
    kind: 'state',
    message: 'the registry has not approved a module {hash}',
    nextStep: 'look at codes(), or have it approved by the governor',
  },
  NoCode: {
    kind: 'state',
    message: 'no module of the kind {kind} is approved',
    nextStep: 'have one approved by the governor with approve_code',
  },
  TooManyCodes: {
    kind: 'limit',
    message: '{limit} modules are known already',
    nextStep: 'retire the oldest: what has retired makes room',
  },
  NoHomeLedger: {
    kind: 'state',
    message: 'no ledger is the home ledger yet',
    nextStep: 'the governor adds one with home = true',
  },
  BirthsNotAllowed: {
    kind: 'caller',
    message: '{wanted} births were asked for and {left} are left for the caller',
    nextStep: 'ask the governor {governor} for more with allow_operator',
  },
  BirthForOther: {
    kind: 'caller',
    message: 'the caller may not bring machines to life for {operator}',
    nextStep:
      'have {operator} call set_standing_mandate for the caller, or leave the operator out to operate them yourself',
  },
  MayNotBear: {
    kind: 'caller',
    message: 'the caller may not order births itself, so nobody can order them for it',
    nextStep: 'ask the governor {governor} for births with allow_operator',
  },
  DelegateInvalid: {
    kind: 'input',
    message: 'the delegate cannot be {who}',
    nextStep: 'name the identity that shall bring machines to life and act for them',
  },
  TermsInvalid: {
    kind: 'input',
    message: '{field} must be {wanted}',
    nextStep: 'correct {field} and send the mandate again',
  },
  TooManyStandingMandates: {
    kind: 'limit',
    message: '{limit} standing mandates of the caller are there already',
    nextStep: 'revoke one that is not needed with revoke_standing_mandate',
  },
  StandingMandateUnknown: {
    kind: 'state',
    message: 'the caller has no standing mandate for {delegate}',
    nextStep: 'look at standing_mandates()',
  },
  NotAMachine: {
    kind: 'caller',
    message: 'the caller is no machine of this registry',
    nextStep: 'nothing is to be done: only a machine tells who operates it, at a hand-over',
  },
  TooManyMachines: {
    kind: 'limit',
    message: 'a subnet holds {limit} canisters and {known} machines are known',
    nextStep: 'use a registry on another subnet',
  },
  CyclesMissing: {
    kind: 'funds',
    message: '{births} births cost {needed} cycles and the registry can spend {available}',
    nextStep: 'send cycles to the registry, or order fewer machines',
  },
  BirthUnknown: {
    kind: 'state',
    message: 'there is no birth {birth}',
    nextStep: 'look at births()',
  },
  BirthGoesOn: {
    kind: 'state',
    message: 'birth {birth} is {step}; there is nothing to resume',
    nextStep: 'look at birth({birth}) again in a moment',
  },
  BirthOutcomeUnknown: {
    kind: 'approval',
    message: 'nobody knows whether the canister of birth {birth} was created, and it must not be created twice',
    nextStep: 'the governor finds it out and calls settle_birth with its id, or without one to create another',
  },
  NotYourBirth: {
    kind: 'caller',
    message: 'birth {birth} was ordered by {by}',
    nextStep: 'ask {by} or the governor to resume it',
  },
  MachineUnknown: {
    kind: 'state',
    message: 'there is no machine {machine}',
    nextStep: 'look at machines()',
  },
  MachineKnown: {
    kind: 'input',
    message: '{machine} is a machine already',
    nextStep: 'name the canister that was created for this birth',
  },
  UpgradeNotNeeded: {
    kind: 'state',
    message: 'the machine {machine} has the module {hash} already',
    nextStep: 'nothing is to be done',
  },
  UpgradeRunning: {
    kind: 'state',
    message: 'upgrade {upgrade} of this machine is {step}',
    nextStep: 'wait for it, or look at upgrade_status({upgrade})',
  },
  UpgradeFailedBefore: {
    kind: 'caller',
    message: 'upgrade {upgrade} of this machine to the same module has failed, and each try stops the machine',
    nextStep:
      'look at upgrade_status({upgrade}); its operator {operator} or the governor may ask again, others in an hour',
  },
  UpgradeUnknown: {
    kind: 'state',
    message: 'there is no upgrade {upgrade}',
    nextStep: 'look at upgrades()',
  },
  UpgradeGoesOn: {
    kind: 'state',
    message: 'upgrade {upgrade} is {step}; there is nothing to resume',
    nextStep: 'look at upgrade_status({upgrade}); one that cannot be stopped can be given up after six minutes',
  },
  OtherKind: {
    kind: 'input',
    message: 'the module {hash} is a {kind}, and the machine runs a {runs}',
    nextStep: 'choose a module of the kind {runs}',
  },
  UpgradeNotDecided: {
    kind: 'approval',
    message: 'the machine has not decided for the module {hash}: {reason}',
    nextStep: 'its operator calls approve_upgrade of the machine with this hash',
  },
  UpgradeOverOpenCall: {
    kind: 'state',
    message: 'the machine waits for {callee} to answer {method}',
    nextStep: 'wait until {callee} has answered, then upgrade again',
  },
  UpgradeWouldLose: {
    kind: 'state',
    message: 'stable memory would be lost or misread: {problems}',
    nextStep: 'change the tables of the new module so that they read what is there',
  },
  UpgradeWouldBreak: {
    kind: 'state',
    message: 'clients of the interface would break: {problems}',
    nextStep: 'change the interface of the new module so that it only grows',
  },
  UpgradeTooLate: {
    kind: 'elsewhere',
    message: 'the machine took longer than {minutes} minutes to answer',
    nextStep: 'upgrade again when it answers',
  },
  MachineRefused: {
    kind: 'elsewhere',
    message: 'the machine answered {method} with {reason}',
    nextStep: 'do what it asks for, then upgrade again',
  },
  MachineNotStopped: {
    kind: 'elsewhere',
    message: 'the machine could not be stopped: {reason}',
    nextStep: 'wait until its calls are answered, then upgrade again',
  },
  OtherCodeFound: {
    kind: 'state',
    message: 'the machine runs the module {found}, which is not the one the registry knows',
    nextStep: 'find out who installed it before anything else',
  },
  NewCodeTrapped: {
    kind: 'state',
    message: 'the new module was not taken: {reason}',
    nextStep: 'do what the reason asks for, or correct the module; the machine runs the old one',
  },
});
