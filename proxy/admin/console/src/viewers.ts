// Where players find the streams: at the viewers' listener; one for all addresses of the machine is reached by the
// name that this page was. The listener's address may say a scheme.
export function viewersBase(listener = '', page: { hostname: string } = location): string {
  const [, scheme = 'http://', host = '', port = '8080'] = /^(https?:\/\/)?(.*):(\d+)$/.exec(listener) ?? [];
  return `${scheme}${['', '[::]', '0.0.0.0'].includes(host) ? page.hostname : host}:${port}`;
}
