// Told by /api/v2/status.
export const replicaVersion = '0.1.0';
