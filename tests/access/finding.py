"""The lines of the matrix about finding things; `tests.access.matrix` explains the columns."""

FINDING = """
# 查找与分布: whoever acts for a government unit browses
GET /mini/v1/listings/search | | B A U C F K O | S E D
GET /mini/v1/whereabouts | | B A U C F K O | S E D
GET /map | | B A U C F K O | S E D
GET /map/export | | B A U C F K O | S E D

# 保存的搜索: everybody's own; 同义词: everybody reads, operations over the network keep the catalogue
GET /mini/v1/searches | | *
POST /mini/v1/searches | | *
DELETE /mini/v1/searches/<search_id> | saved | * | | mine
GET /searches | | *
GET /searches/export | | *
POST /searches | | *
POST /searches/<search_id>/removal | saved | * | | mine
GET /admin/synonyms | | *
GET /admin/synonyms/versions/export | | *
GET /admin/synonyms/export | | *
GET /admin/synonyms/change | synonyms | O | | region
POST /admin/synonyms/change | synonyms | O | | region
"""
