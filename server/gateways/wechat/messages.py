"""The sentences that people read for this gateway's codes."""

from server.kernel.messages import register_messages

MESSAGES: dict[str, str] = {
    "wechat.code_invalid": "微信授权已失效或已使用过，请返回重新授权。",
    "wechat.user_blocked": "微信平台判定该账号存在风险，暂不能用微信登录。请改用账号密码登录，或联系本单位管理员。",
    "wechat.too_often": "操作过于频繁，请稍等一分钟再试。",
    "wechat.unavailable": "微信服务暂时没有响应，请稍后再试；也可以先用账号密码登录。",
    "wechat.misconfigured": "微信接口的配置有误，请联系系统管理员处理。",
    "wechat.unexpected": "微信返回了未预料的结果（错误号 {errcode}），请稍后再试；仍不成功请联系系统管理员。",
    "wechat.scene_invalid": "小程序码的场景值须为 1 至 32 个英文字母、数字或微信允许的符号，不能含中文。",
    "wechat.page_invalid": "小程序页面路径不正确：开头不带“/”，也不带参数。",
    "wechat.sandbox_in_production": "正式环境不得使用微信沙箱，请改为真实模式并填写小程序的 AppID 和 AppSecret。",
    "wechat.credentials_missing": "微信真实模式须填写小程序的 AppID 和 AppSecret。",
    "wechat.base_url_insecure": "正式环境的微信接口地址须以 https:// 开头，否则密钥会明文传输。",
}

register_messages(MESSAGES)
