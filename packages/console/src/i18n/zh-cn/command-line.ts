import type { Dictionary } from '../en.ts'

export const commandLine: Dictionary['commandLine'] = {
  title: '命令行登录',
  ask: (person) => `允许本机的 flotilla 命令行以 ${person} 的身份登录吗？`,
  warning: '仅当你本人刚刚运行了 “flotilla login --browser” 时才允许。',
  allow: '允许登录',
  wrong: '这不是命令行打开的地址。请重新运行 “flotilla login --browser”。',
}
