// Tables of wallet.

export const walletTables = {};
