"""Made-up names of persons, roads and companies; none refers to a real person or firm."""

from __future__ import annotations

_ONE_CHARACTER = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘"
    "袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦"
    "邱侯江尹薛闫雷龙史陶贺毛段"
)
SURNAMES = (*_ONE_CHARACTER, "欧阳", "上官", "司徒", "诸葛")
GIVEN_FIRST = tuple("伟芳娜秀敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文志建晓海国春小永玉雪冬佳思子雨梓欣浩宇晨")
GIVEN_SECOND = tuple("华英玲辉鹏飞红梅龙波斌宁琳颖慧婷峰亮洁萍燕云莉鑫凯旭俊博然轩涵怡琪彤瑶豪睿萱铭泽诺")

ROADS = tuple(
    first + second + "路"
    for second in (
        "云",
        "山",
        "湖",
        "桥",
        "林",
        "阳",
        "泉",
        "岭",
        "溪",
        "州",
        "水",
        "园",
        "江",
        "海",
    )
    for first in tuple("青白金碧长新清南东文和平永安春秋龙凤石竹松柳梅兰玉银丰福康泰瑞祥")
)

COMPANY_WORDS = tuple(
    first + second
    for first in tuple("宏嘉盛鼎恒瑞泰昌信诚博远卓启锦润凯华")
    for second in tuple("晟达源通和丰业利兴隆腾辰图拓洲岳峰禾越")
)
COMPANY_TRADES = (
    "机械", "电子", "纺织", "食品", "建材", "物流", "贸易", "科技", "能源", "化工",
    "医药", "环保", "装饰", "服装", "农业", "印刷", "家具", "餐饮", "汽配", "软件",
)  # fmt: skip
COMPANY_FORMS = ("有限公司", "股份有限公司", "集团有限公司")
INSTITUTION_FORMS = (
    "人民政府办公室", "公共服务中心", "行业协会", "总工会", "人民医院", "中学", "建筑设计研究院",
)  # fmt: skip
BROKERS = ("示例证券", "样本证券", "虚构证券")
