import type { Dictionary } from '../en.ts'

export const palette: Dictionary['palette'] = {
  title: '搜索或执行',
  placeholder: '应用、集群、页面或操作…',
  places: '页面',
  actions: '操作',
  applications: '应用',
  clusters: '集群',
  nothing: (text) => `没有找到“${text}”`,
  hint: '↑ ↓ 选择 · Enter 打开 · Esc 关闭',
  useTheme: (name) => `主题：${name}`,
  useLanguage: (name) => `语言：${name}`,
  newApplication: '新建应用…',
  addCluster: '添加集群…',
}
