// The machine as it is, and questions more: what it keeps.
import machine from '@tamc/machine/index';
import { StoreProbe } from '../store-probe.ts';

export { layout } from '@tamc/machine/index';

export default [...machine, StoreProbe];
