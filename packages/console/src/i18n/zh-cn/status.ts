import type { Dictionary } from '../en.ts'

export const status: Dictionary['status'] = {
  health: {
    Healthy: '健康',
    Progressing: '进行中',
    Degraded: '降级',
    Failed: '失败',
    Suspended: '已挂起',
    Missing: '缺失',
    Unknown: '未知',
  },
  connected: '已连接',
  pending: '连接中',
  lost: '失联',
  lostSince: (ago) => `${ago}失联`,
  lostFor: (span) => `已失联 ${span}`,
  unknownFor: (span) => `已 ${span} 未能观测`,
  unknownBeside: (count) => `${count} 个未知`,
  since: (when) => `自 ${when}`,
  paused: '已暂停',
  drifted: '有漂移',
  inSync: '一致',
}
