import type { Settings } from './api';

// Where players find the streams: at the address that is public, else at the viewers' listener; one for all addresses of
// the machine is reached by the name that this page was.
export function viewersBase(listener = '', { public_address, tls_cert }: Settings = {}, page: { hostname: string } = location): string {
  if (public_address) return public_address.replace(/\/+$/, '');
  const [, host = '', port = '8080'] = /^(.*):(\d+)$/.exec(listener) ?? [];
  return `${tls_cert ? 'https' : 'http'}://${['', '[::]', '0.0.0.0'].includes(host) ? page.hostname : host}:${port}`;
}
