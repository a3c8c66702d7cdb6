// Which Host a request may name. A web page can make its own name resolve to this machine (DNS rebinding) and would
// then be of the "same origin" as the replica; but its requests carry its name, and that is refused.

const loopbackHost = /^(?:localhost|[a-z0-9.-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** `allowed`: further host names, without port; or any. */
export function isHostAllowed(host: string | undefined, allowed: readonly string[] | 'any'): boolean {
  if (allowed === 'any') return true;
  if (host === undefined) return false;
  const name = host.toLowerCase().replace(/:\d{1,5}$/, '');
  return loopbackHost.test(name) || allowed.includes(name);
}
