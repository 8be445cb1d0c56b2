import type { Dictionary } from '../en.ts'

export const sentence: Dictionary['sentence'] = {
  headline: {
    healthy: (where) => (where === '' ? '全部健康' : `${where} 健康`),
    progressing: (where) => (where === '' ? '正在发布' : `正在发布到 ${where}`),
    waiting: (where) => (where === '' ? '等待中' : `正在等待 ${where}`),
    suspended: (where) => (where === '' ? '已挂起' : `${where} 已挂起`),
    missing: (where) => (where === '' ? '对象缺失' : `${where} 有对象缺失`),
    degraded: (where) => (where === '' ? '已降级' : `${where} 降级`),
    failed: (where) => (where === '' ? '失败' : `${where} 失败`),
    unknown: (where) => (where === '' ? '无法观测' : `无法观测 ${where}`),
    paused: () => '已暂停',
    blocked: (where) => (where === '' ? '受阻' : `${where} 受阻`),
    unplaced: () => '未放置到任何集群',
    removing: () => '正在删除',
  },
  /** Between the headline and what follows it. */
  joint: '：',
  stop: '。',
  severalClusters: (count) => `${count} 个集群`,
}
