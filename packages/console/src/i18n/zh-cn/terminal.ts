import type { Dictionary } from '../en.ts'

export const terminal: Dictionary['terminal'] = {
  tab: (what) => `终端 · ${what}`,
  open: '已连接，使用你自己的身份',
  connecting: '连接中…',
  waiting: (seconds) => `连接已断开，${seconds} 秒后重试`,
  lost: (message) => (message === undefined ? '连接已断开，正在重新连接' : `${message} 正在重新连接`),
  newShell: '这是一个新的 Shell：之前的 Shell 中运行的程序可能已随之结束',
  ended: (code) => `Shell 已结束（退出码 ${code}），按 Enter 打开新的`,
  refused: '未打开',
  again: '重新打开',
  another: '在该 Pod 中再开一个 Shell',
  container: '容器',
  shell: 'Shell',
  auto: 'bash 或 sh',
  screen: (pod) => `${pod} 的终端`,
  input: '终端；按 Shift-Escape 离开',
  forbidden: '你无权在此打开 Shell',
  administrators: '项目管理员或工作空间管理员',
  noShell: (container) => (container === '' ? '该镜像中没有 Shell' : `容器 ${container} 的镜像中没有 Shell`),
  noShellHint:
    '其中既没有 bash 也没有 sh。请选择其他容器，或从外部调试：kubectl debug -it POD --image=busybox --target=CONTAINER',
  noPod: '没有正在运行的该容器',
  signedOut: '你已退出登录',
  signedOutHint: '会话已结束，或账号已被停用。请登录后重新打开。',
  notOpened: 'Shell 未能打开',
  entry: '终端',
}
