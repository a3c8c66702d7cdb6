// Tables of compute.

export const computeTables = {};
