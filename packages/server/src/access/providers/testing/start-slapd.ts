import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPackages } from '@flotilla/local'
import { makeCertificate } from '../../../http/tls/make-certificate.ts'

export interface RunningSlapd {
  readonly plain: string
  readonly secure: string
  /** Both as host:port. */
  readonly hosts: readonly string[]
  readonly ca: string
  close(): Promise<void>
}

const slapd = '/usr/sbin/slapd'

/** A real OpenLDAP of Debian as a process of its own on loopback, with what `ldif` says below dc=example,dc=com. */
export async function startSlapd(ldif: string): Promise<RunningSlapd> {
  if (!existsSync(slapd)) await installPackages(['slapd'])
  const dir = await mkdtemp(join(tmpdir(), 'flotilla-slapd-'))
  const now = Date.now()
  const authority = await makeCertificate({ commonName: 'authority of the test', days: 1 }, now)
  const leaf = await makeCertificate({ commonName: 'ldap', days: 1, names: ['127.0.0.1'], authority }, now)
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(dir, name), text, { mode: 0o600 })
    return join(dir, name)
  }
  await mkdir(join(dir, 'db'))
  const conf = await file(
    'slapd.conf',
    `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
TLSCACertificateFile ${await file('ca.pem', authority.cert)}
TLSCertificateFile ${await file('cert.pem', leaf.cert)}
TLSCertificateKeyFile ${await file('key.pem', leaf.key)}
# passwords only where it is encrypted; with this a bind without one succeeds, as many directories have it
security simple_bind=128
allow bind_anon_cred bind_anon_dn
pidfile ${join(dir, 'slapd.pid')}
database mdb
suffix "dc=example,dc=com"
rootdn "cn=root,dc=example,dc=com"
directory ${join(dir, 'db')}
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,dc=example,dc=com" read by * none
overlay memberof
`,
  )
  const added = spawnSync('/usr/sbin/slapadd', ['-f', conf, '-l', await file('data.ldif', ldif)], { encoding: 'utf8' })
  if (added.status !== 0) throw new Error(`slapadd: ${added.stderr}`)
  const [plainPort, securePort] = [await freePort(), await freePort()]
  const plain = `ldap://127.0.0.1:${plainPort}`
  const secure = `ldaps://127.0.0.1:${securePort}`
  const child = spawn(slapd, ['-d', '0', '-f', conf, '-h', `${plain} ${secure}`], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const close = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
    await rm(dir, { recursive: true, force: true })
  }
  try {
    await Promise.all([untilListening(plainPort), untilListening(securePort)])
  } catch (thrown) {
    await close()
    throw thrown
  }
  return { plain, secure, hosts: [plain, secure].map((url) => new URL(url).host), ca: authority.cert, close }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // listening on TCP
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function untilListening(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isUp) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`slapd does not listen on ${port}`)
}
