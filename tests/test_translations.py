"""The catalogues are compiled at the first start: by whoever comes first, or by several at once."""

from __future__ import annotations

import shutil

from babel.support import Translations

from csat import translations


def test_two_that_compile_at_once_leave_a_whole_catalogue(tmp_path, monkeypatch):
    place = tmp_path / "zh" / "LC_MESSAGES"
    place.mkdir(parents=True)
    shutil.copy(translations.FOLDER / "zh" / "LC_MESSAGES" / "messages.po", place)
    monkeypatch.setattr(translations, "FOLDER", tmp_path)
    write = translations.write_mo

    def write_while_another_does(target, catalogue):
        monkeypatch.setattr(translations, "write_mo", write)
        write(target, catalogue)
        translations.compile_when_older()

    monkeypatch.setattr(translations, "write_mo", write_while_another_does)
    translations.compile_when_older()
    assert Translations.load(str(tmp_path), ["zh"]).gettext("Clients") == "客户单位"
    assert sorted(file.name for file in place.iterdir()) == ["messages.mo", "messages.po"]
