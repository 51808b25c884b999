"""Whatever names a list has, they are read as they were written."""

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from mmderain.jobs.list_file import read_list

QUICK = settings(max_examples=200, deadline=None, derandomize=True,
                 database=None)
# of a line of text: what a spreadsheet or an editor writes as one
NAMES = st.text(st.characters(exclude_categories=['Cs'],
                              exclude_characters='\0\r\n/'),
                min_size=1, max_size=30).map(str.strip).filter(
    lambda name: name and name not in ('.', '..') and not name.startswith(
        ('#', '"', "'")) and name.lower() != 'input')


def written(folder, name, text):
    path = folder / name
    path.write_text(text, encoding='utf-8', newline='')
    return path


@QUICK
@given(st.lists(NAMES, min_size=1, max_size=6), st.sampled_from(['\n',
                                                                 '\r\n']),
       st.booleans())
def test_a_list_is_a_name_a_line(tmp_path_factory, names, ending, has_mark):
    folder = tmp_path_factory.getbasetemp()
    path = written(folder, 'list.txt', '\ufeff' * has_mark + ending.join(
        names) + ending)
    found = read_list(path)
    assert [str(item.source) for item in found] == names
    assert all(item.target is None for item in found)


@QUICK
@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=6),
       st.booleans(), st.booleans())
def test_a_csv_comes_back_as_it_was_written(tmp_path_factory, pairs,
                                            has_heading, has_mark):
    text = io.StringIO()
    writer = csv.writer(text)
    if has_heading:
        writer.writerow(['Input', 'Output'])
    writer.writerows(pairs)
    path = written(tmp_path_factory.getbasetemp(), 'list.csv',
                   '\ufeff' * has_mark + text.getvalue())
    assert [(str(item.source), str(item.target))
            for item in read_list(path)] == pairs
