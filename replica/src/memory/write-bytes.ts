// Writes bytes at any place of a page table, as instantiation does with data segments.
import { pageBytes } from './page-pool.ts';
import { type PageTable, slotAt, writePage } from './page-table.ts';

export function writeBytes(table: PageTable, offset: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    const page = Math.floor((offset + done) / pageBytes);
    const within = (offset + done) % pageBytes;
    const length = Math.min(pageBytes - within, bytes.length - done);
    const content = Buffer.from(table.pool.view(slotAt(table, page)));
    content.set(bytes.subarray(done, done + length), within);
    writePage(table, page, content, 0);
    done += length;
  }
}
