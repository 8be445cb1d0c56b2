import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import type { LinkSettings } from './link.ts'

/** A line in a process of its own: what goes in comes out later, and no faster than it carries. Started by link.ts. */
const [target = '0', delay = '0', rate = '0'] = process.argv.slice(2)
const settings: LinkSettings = { delayMs: Number(delay), bytesPerSecond: Number(rate) }
/** What may be under way on one connection, in each direction: twice what the line holds, at least as much as Linux gives. */
const window = Math.max(4 << 20, (2 * settings.delayMs * settings.bytesPerSecond) / 1000)

function carry(from: Socket, to: Socket): void {
  const queue: { readonly due: number; readonly act: () => void }[] = []
  let timer: NodeJS.Timeout | undefined
  let underWay = 0
  let free = 0
  // one after another, however late a timer is
  const pump = (): void => {
    timer = undefined
    for (;;) {
      const [first] = queue
      if (first === undefined) return
      const early = first.due - performance.now()
      if (early > 0.5) {
        timer = setTimeout(pump, early)
        return
      }
      queue.shift()
      first.act()
    }
  }
  const later = (due: number, act: () => void): void => {
    queue.push({ due, act })
    if (timer === undefined) pump()
  }
  from.on('data', (chunk: Buffer) => {
    const sending = settings.bytesPerSecond === 0 ? 0 : (chunk.length / settings.bytesPerSecond) * 1000
    free = Math.max(performance.now(), free) + sending
    underWay += chunk.length
    if (underWay > window) from.pause()
    later(free + settings.delayMs, () => {
      to.write(chunk, () => {
        underWay -= chunk.length
        if (underWay <= window) from.resume()
      })
    })
  })
  const last = (): number => Math.max(performance.now(), free) + settings.delayMs
  from.once('end', () => later(last(), () => to.end()))
  from.on('error', () => to.destroy())
  from.once('close', () => later(last(), () => to.destroySoon()))
}

const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
  const far = connect({ port: Number(target), host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  carry(near, far)
  carry(far, near)
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.send?.((server.address() as AddressInfo).port)
process.once('disconnect', () => process.exit(0))
