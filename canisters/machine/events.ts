// Every event of a machine; they lie where clients read them too.
export { type MachineEvent, machineEvent } from '@tamc/protocol/machine-events';
