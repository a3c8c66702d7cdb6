// What a ledger keeps: one token, nothing else.
import { tokenTables } from '@tamc/shared/icrc/tables';
import { defineTables } from '@tamc/shared/tables/index';

export const ledgerTables = defineTables(tokenTables);
