import type { ClusterRow } from '@flotilla/api'
import { CapacityBar } from '../components/capacity-bar.tsx'
import { useText } from '../i18n/text.ts'

type Resource = 'cpu' | 'memory' | 'pods'

/** What is asked for of what pods may use, for one resource; nothing while it was never seen. */
export function Capacity({ row, of }: { row: Pick<ClusterRow, 'allocatable' | 'requested'>; of: Resource }) {
  const { t, f } = useText()
  const { allocatable, requested } = row
  if (allocatable === undefined || requested === undefined) return <span className="faint">—</span>
  const [used, whole, write, label] = {
    cpu: [requested.cpuMillis, allocatable.cpuMillis, f.cores, t.fleet.cpu] as const,
    memory: [requested.memoryBytes, allocatable.memoryBytes, f.bytes, t.fleet.memory] as const,
    pods: [requested.pods, allocatable.pods, f.number, t.fleet.pods] as const,
  }[of]
  return <CapacityBar used={used} whole={whole} text={t.fleet.ofAllocatable(write(used), write(whole))} label={label} />
}
