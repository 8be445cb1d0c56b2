import { readFile } from 'node:fs/promises'

/** Name servers for inside the clusters: this machine's own, except those that only answer on its loopback. */
export async function readResolvConf(): Promise<string> {
  for (const file of ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf']) {
    const rendered = renderResolvConf(await readFile(file, 'utf8').catch(() => ''))
    if (rendered.includes('nameserver')) return rendered
  }
  return renderResolvConf('')
}

/** Keeps reachable servers only; asks briefly, because a machine without a way out must not hang on every name. */
export function renderResolvConf(text: string): string {
  const servers = text
    .split('\n')
    .map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1])
    .filter((server) => server !== undefined && !/^(127\.|::1$)/.test(server))
  return [...servers.slice(0, 3).map((server) => `nameserver ${server}`), 'options timeout:1 attempts:1', ''].join('\n')
}
