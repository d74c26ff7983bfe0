import type { Settings } from './api';

// The base of player addresses: the public address if configured, else the viewer address. A listener on all addresses
// of the machine is reached under the host name of this page.
export function viewersBase(listener = '', { public_address, tls_cert }: Settings = {}, page: { hostname: string } = location): string {
  if (public_address) return public_address.replace(/\/+$/, '');
  const [, host = '', port = '8080'] = /^(.*):(\d+)$/.exec(listener) ?? [];
  return `${tls_cert ? 'https' : 'http'}://${['', '[::]', '0.0.0.0'].includes(host) ? page.hostname : host}:${port}`;
}
