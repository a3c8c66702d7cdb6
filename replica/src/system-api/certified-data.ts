// Certified data: setting it, and reading the certificate over it in a query.
import { type Execution, Trap } from '../execution/execution.ts';
import { wrongEntryPoint } from './entry-points.ts';
import { chargeBytes, copyIn, copyOut } from './heap.ts';
import { certifiedDataBytesMax } from './limits.ts';

export function certifiedDataSet(execution: Execution, src: number, size: number): void {
  chargeBytes(execution, size);
  if (size > certifiedDataBytesMax) {
    const rule = `the passed data must be no larger than ${certifiedDataBytesMax} bytes. Found ${size} bytes`;
    throw new Trap('contractViolation', `ic0_certified_data_set failed because ${rule}`);
  }
  execution.effects.certifiedData = copyIn(execution, 'ic0.certified_data_set', src, size);
}

/** Only the method of a query call can see one, so nothing else asks for it to be made. */
export function dataCertificatePresent({ entryPoint, input }: Execution): number {
  if (entryPoint !== 'NRQ' && entryPoint !== 'CQ') return 0;
  return input.dataCertificate() === null ? 0 : 1;
}

function certificate(execution: Execution, name: string): Uint8Array {
  const bytes = execution.input.dataCertificate();
  if (bytes === null) throw wrongEntryPoint(name, execution);
  return bytes;
}

export function dataCertificateSize(execution: Execution): number {
  return certificate(execution, 'data_certificate_size').length;
}

export function dataCertificateCopy(execution: Execution, dst: number, offset: number, size: number): void {
  const bytes = certificate(execution, 'data_certificate_copy');
  copyOut(execution, 'data_certificate_copy', 'certificate', bytes, dst, offset, size);
}
