// Tables of use.

export const useTables = {};
