// Which Host and which Origin a request may name. A web page can make its own name resolve to this machine (DNS rebinding) and would
// then be of the "same origin" as the replica; but its requests carry its name, and that is refused.

const loopbackHost = /^(?:localhost|[a-z0-9.-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** `allowed`: further host names, without port; or any. */
export function isHostAllowed(host: string | undefined, allowed: readonly string[] | 'any'): boolean {
  if (allowed === 'any') return true;
  if (host === undefined) return false;
  const name = host.toLowerCase().replace(/:\d{1,5}$/, '');
  return loopbackHost.test(name) || allowed.includes(name);
}

/**
 * A browser names the page that asks, in every POST and in every request across origins; programs that are no browsers
 * name none. What obeys without a signature obeys no page but the replica's own, and even that only under a name that
 * is known: where any name is allowed, a page could bring its own.
 */
export function mayControl(
  { host, origin }: { readonly host?: string | undefined; readonly origin?: string | undefined },
  allowed: readonly string[] | 'any',
): boolean {
  if (!isHostAllowed(host, allowed === 'any' ? [] : allowed)) return false;
  return origin === undefined || origin.toLowerCase().replace(/^https?:\/\//, '') === host?.toLowerCase();
}
