"""Chinese sentences of the files domain, by error code. Placeholders are filled from the error's data."""

from server.kernel.messages import register_messages

MESSAGES: dict[str, str] = {
    "file.too_large": "文件太大，单个文件不能超过 {max_mb} MB，请压缩后重新上传。",
    "file.picture_type": "只能上传 JPG、PNG 或 WebP 格式的照片，请换一张图片。",
    "file.picture_animated": "不能上传动态图片，请换一张静态照片。",
    "file.picture_broken": "这张图片已损坏或没有传完整，请重新拍摄或重新上传。",
    "file.picture_too_large": "图片尺寸太大，总像素不能超过 {max_megapixels} 百万，请缩小后重新上传。",
    "file.attachment_type": "只能上传 JPG、PNG、WebP 格式的照片，或 PDF 文件。",
    "file.document_password": "这个 PDF 设有打开密码，请先取消密码再上传。",
    "file.document_broken": "这个 PDF 已损坏或没有传完整，请重新导出后再上传。",
    "file.document_pages": "一个 PDF 最多 {limit} 页，请拆成几个文件上传。",
    "file.document_too_large": "这个 PDF 的页面太大，请降低扫描精度或拆成几个文件后再上传。",
    "file.document_failed": "这个 PDF 暂时处理不了，请稍后重试；如仍不行，请拍成照片上传。",
    "file.not_found": "没有找到这个文件，或不在您的查看范围内。",
    "file.unknown": "没有找到这个文件，请重新上传。",
    "file.missing": "文件暂时读取不到，请稍后再试或联系系统管理员。",
    "file.no_unit": "请以单位工作人员的身份登录后再上传。",
    "file.worker_failed": "图片暂时处理不了，请稍后重试；如仍不行，请换一张图片。",
    "file.worker_busy": "正在处理的图片较多，请稍后重新上传。",
    "sheet.type": "这不是表格文件。请上传 .xlsx 工作簿，或由 Excel、WPS 另存的 .csv 文件。",
    "sheet.old_format": "这是旧版 .xls 文件。请在 Excel 或 WPS 中另存为 .xlsx 后再上传。",
    "sheet.macro": "这个工作簿带有宏，为安全起见不能上传。请另存为不带宏的 .xlsx 后再试。",
    "sheet.password": "这个文件设有打开密码。请先取消密码，另存后再上传。",
    "sheet.broken": "这个文件已损坏或没有传完整。请在 Excel 或 WPS 中打开并另存后再上传。",
    "sheet.encoding": "认不出这个文本文件的编码。请在 Excel 或 WPS 中另存为 .xlsx 后再上传。",
    "sheet.html": "这是网页格式的表格，只是名字像工作簿。请在 Excel 或 WPS 中打开并另存为 .xlsx 后再上传。",
    "sheet.empty": "这个文件里没有内容。请核对是否选错了文件，或内容在隐藏的工作表里。",
    "sheet.bomb": "这个文件展开后太大，可能在很远的单元格里有内容。请把台账复制到一个新工作簿，另存后再上传。",
    "sheet.rows": "一次最多导入 {limit} 行，请分成几个文件上传。",
    "sheet.columns": "“{sheet}”第 {row} 行的内容超出 {limit} 列，请删去右边多余的内容后再上传。",
    "sheet.cell": "“{sheet}”第 {row} 行有超过 {limit} 字的单元格，请删短后再上传。",
    "sheet.worker_failed": "表格暂时读取不了，系统会再试；如仍不行，请另存为新的 .xlsx 后重新上传。",
    "file.font_missing": "服务器缺少中文字体，暂时不能生成单据和标签，请联系系统管理员。",
    "file.qr_too_long": "二维码内容太长，打印后无法识别，请联系系统管理员缩短网址。",
    "file.label_code_too_long": "资产编号太长，标签上印不下，请联系系统管理员检查编号规则。",
    "file.label_empty": "请至少选择一件资产再打印标签。",
    "file.list_too_large": "符合条件的超过 {limit} 条，请缩小筛选范围后分批导出，或导出 CSV。",
    "file.table_shape": "单据明细的列数与表头不一致，无法生成单据，请联系系统管理员。",
}

register_messages(MESSAGES)
