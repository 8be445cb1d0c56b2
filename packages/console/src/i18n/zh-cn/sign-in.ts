import type { Dictionary } from '../en.ts'

export const signIn: Dictionary['signIn'] = {
  title: '登录 Flotilla',
  name: '用户名',
  password: '密码',
  submit: '登录',
  through: (provider) => `使用 ${provider} 登录`,
  or: '或',
  account: '账号',
  ownAccount: 'Flotilla 自有账号',
  notSignedIn: '未能登录',
  again: '返回登录页',
  missing: '请填写此项',
  expired: '会话已结束。重新登录后会回到刚才的位置。',
  refused: '用户名或密码不正确。',
  locked: '尝试次数过多，请稍后再试。',
  unreachable: '服务器没有响应。请确认它正在运行，且本机可以访问到它。',
}
