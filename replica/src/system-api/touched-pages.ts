// Which 4 KiB pages of stable memory an execution has read or written: a bit for each, made where they are touched.
// 500 GiB need 16 MiB at most.

export interface TouchedPages {
  /** Marks every page of a range; tells how many pages are marked now. */
  touch(offset: number, size: number): number;
}

const pageBytes = 4096;
/** 16 MiB of stable memory to a chunk: an execution that stays in one place needs one. */
const pagesPerChunk = 4096;

export function createTouchedPages(): TouchedPages {
  const chunks = new Map<number, Uint8Array>();
  let count = 0;
  const chunkOf = (number: number): Uint8Array => {
    const known = chunks.get(number);
    if (known !== undefined) return known;
    const made = new Uint8Array(pagesPerChunk / 8);
    chunks.set(number, made);
    return made;
  };
  return {
    touch: (offset, size) => {
      if (size === 0) return count;
      const last = Math.floor((offset + size - 1) / pageBytes);
      for (let page = Math.floor(offset / pageBytes); page <= last; page++) {
        const chunk = chunkOf(Math.floor(page / pagesPerChunk));
        const [at, bit] = [(page % pagesPerChunk) >> 3, 1 << (page & 7)];
        const before = chunk[at]!;
        if ((before & bit) !== 0) continue;
        chunk[at] = before | bit;
        count++;
      }
      return count;
    },
  };
}
