// Lists that grow forget their oldest, one for each new one, as long as nothing is still to be done about it.
import type { NumberedList } from '@tamc/shared/tables/index';

export function dropOldest<V>(list: NumberedList<V>, kept: number, isDone: (value: V) => boolean = () => true): void {
  for (let dropped = 0; dropped < 2 && list.end() - list.first() > kept; dropped++) {
    const oldest = list.get(list.first());
    if (oldest === null || !isDone(oldest)) return;
    list.dropFirst(1);
  }
}
