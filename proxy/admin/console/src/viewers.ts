// Where players find the streams: at the viewers' listener; one for all addresses of the machine is reached by the
// name that this page was.
export function viewersBase(listener = '', secure = false, page: { hostname: string } = location): string {
  const [, host = '', port = '8080'] = /^(.*):(\d+)$/.exec(listener) ?? [];
  return `${secure ? 'https' : 'http'}://${['', '[::]', '0.0.0.0'].includes(host) ? page.hostname : host}:${port}`;
}
