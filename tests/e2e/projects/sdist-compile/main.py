import markupsafe._speedups
from jinja2 import Template

print(Template("{{ a }} {{ b | e }}").render(a=markupsafe._speedups.__name__, b="<tag>"))
